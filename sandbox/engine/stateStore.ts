/**
 * A stack's state on disk: `<stack>.json`, and while a run is under way `<stack>.json.journal`.
 *
 * Writing the whole state at every step costs quadratic time, so that a step appends one line to the journal instead;
 * the lines of steps that run at the same time share one write and one fsync. A killed run leaves its journal, and the
 * next load applies it. Each line is complete in itself, so that a torn last line is one step not begun.
 */
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import {
  decodeResource,
  decodeSnapshot,
  encodeResource,
  encodeSnapshot,
  type Json,
  type OperationType,
  type Snapshot,
  type StateFile,
  saltOf,
  stateFileOf,
} from "./deploymentJson.ts";
import { Crypter } from "./secrets.ts";
import type { ResourceState } from "./state.ts";

/** The state that the journal is about, and the salt of its secrets: a first run has no state file that tells it. */
interface Head {
  /** SHA-256 of the state file. */
  base: string;
  salt: string;
}

/** `state: null` removes the resource; a key that the base does not have is a new resource. */
type Line =
  | { key: string; state: Json | null }
  | { operation: string; type?: OperationType; state?: Json };

const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const baseKey = (index: number) => `b${index}`;

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export const NOT_WRITTEN = "the stack's state could not be written";

/** The disk refuses it. What was written before is whole. */
export class StateNotWritten extends Error {
  constructor(file: string, cause: unknown) {
    super(
      `${NOT_WRITTEN}: ${(cause as Error).message}. Make room on that disk, or let it be written to, and run again: ${path.dirname(file)} holds what was done until then`,
      { cause },
    );
    this.name = "StateNotWritten";
  }
}

/** Durable and all or nothing: written beside, synced, renamed, directory synced. @throws StateNotWritten */
async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await fs.open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw new StateNotWritten(file, error);
  }
  const directory = await fs.open(path.dirname(file), "r");
  await directory.sync().finally(() => directory.close());
}

function readLine<T>(text: string, file: string, number: number): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new Error(`${file} is no journal, by its line ${number}: ${(error as Error).message}`);
  }
}

export class StateStore {
  readonly #file: string;
  readonly #passphrase: string;
  #crypter: Crypter | undefined;
  #baseDigest = digest("");
  /** Set when a killed run's journal was applied that the file does not hold yet. */
  #unsaved: Snapshot | undefined;

  constructor(file: string, passphrase: string) {
    this.#file = file;
    this.#passphrase = passphrase;
  }

  get crypter(): Crypter {
    if (!this.#crypter) throw new Error("the state was not loaded yet");
    return this.#crypter;
  }

  /** @param salt for a stack that has no state yet; without it a new one is made */
  async load(salt?: string): Promise<Snapshot> {
    const text = await readIfThere(this.#file);
    this.#baseDigest = digest(text ?? "");
    let file: StateFile | undefined;
    try {
      file = text === undefined ? undefined : stateFileOf(text);
    } catch (error) {
      throw new Error(`${this.#file} is no state: ${(error as Error).message}`);
    }
    const journal = await this.#readJournal();
    const known = file ? saltOf(file) : journal?.head.salt;
    this.#crypter = await Crypter.open(this.#passphrase, known ?? salt);
    const base = file ? decodeSnapshot(file, this.#crypter) : { resources: [], operations: [] };
    const replayed = journal && this.#replay(base, journal.lines);
    this.#unsaved = replayed;
    return replayed ?? base;
  }

  async save(snapshot: Snapshot): Promise<void> {
    const text = `${JSON.stringify(encodeSnapshot(snapshot, this.crypter), null, 2)}\n`;
    await fs.mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    await writeAtomically(this.#file, text);
    this.#baseDigest = digest(text);
    this.#unsaved = undefined;
    await fs.rm(this.#journalFile, { force: true });
  }

  /** Takes a state with a salt of its own in place of whatever there was. */
  async replace(snapshot: Snapshot, crypter: Crypter): Promise<void> {
    this.#crypter = crypter;
    await this.save(snapshot);
  }

  /** The journal of a run on what was loaded or saved last. */
  async openJournal(base: ResourceState[]): Promise<Journal> {
    if (this.#unsaved) await this.save(this.#unsaved);
    await fs.mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const handle = await fs.open(this.#journalFile, "w", 0o600).catch((error: unknown) => {
      throw new StateNotWritten(this.#file, error);
    });
    const journal = new Journal({ handle, file: this.#journalFile }, this.crypter, base);
    await journal.begun({ base: this.#baseDigest, salt: this.crypter.salt });
    return journal;
  }

  get #journalFile(): string {
    return `${this.#file}.journal`;
  }

  /** None of a run that was killed after the rename and before the removal: the state holds it already. */
  async #readJournal(): Promise<{ head: Head; lines: string[] } | undefined> {
    const [head, ...lines] = (await readIfThere(this.#journalFile))?.split("\n") ?? [];
    // What follows the last line break was not written to its end.
    if (!head || lines.length === 0) return undefined;
    const parsed = readLine<Head>(head, this.#journalFile, 1);
    return parsed.base === this.#baseDigest
      ? { head: parsed, lines: lines.slice(0, -1) }
      : undefined;
  }

  #replay(base: Snapshot, lines: string[]): Snapshot {
    const old = new Map<string, ResourceState>(base.resources.map((r, i) => [baseKey(i), r]));
    const added = new Map<string, ResourceState>();
    const operations = new Map<string, { type: OperationType; resource: ResourceState }>();
    for (const [index, text] of lines.entries()) {
      const line = readLine<Line>(text, this.#journalFile, index + 2);
      const state = line.state ? decodeResource(line.state, this.crypter) : undefined;
      if ("operation" in line) {
        if (line.type && state)
          operations.set(line.operation, { type: line.type, resource: state });
        else operations.delete(line.operation);
      } else if (!state) {
        old.delete(line.key);
        added.delete(line.key);
      } else (old.has(line.key) ? old : added).set(line.key, state);
    }
    const creating = base.operations.filter(({ type }) => type === "creating");
    return {
      resources: [...added.values(), ...old.values()],
      operations: [...creating, ...operations.values()],
    };
  }
}

export class Journal {
  readonly #handle: fs.FileHandle;
  readonly #file: string;
  readonly #crypter: Crypter;
  readonly #keys: Map<ResourceState, string>;
  #waiting: string[] = [];
  #flushing: Promise<void> | undefined;
  #broken: StateNotWritten | undefined;

  constructor(
    { handle, file }: { handle: fs.FileHandle; file: string },
    crypter: Crypter,
    base: ResourceState[],
  ) {
    this.#handle = handle;
    this.#file = file;
    this.#crypter = crypter;
    this.#keys = new Map(base.map((state, i) => [state, baseKey(i)]));
  }

  begun(head: Head): Promise<void> {
    this.#write(head);
    return this.flush();
  }

  put(state: ResourceState): void {
    this.#write({ key: this.#key(state), state: encodeResource(state, this.#crypter) });
  }

  remove(state: ResourceState): void {
    this.#write({ key: this.#key(state), state: null });
  }

  begin(type: OperationType, state: ResourceState): void {
    const json = encodeResource(state, this.#crypter);
    this.#write({ operation: this.#key(state), type, state: json });
  }

  end(state: ResourceState): void {
    this.#write({ operation: this.#key(state) });
  }

  /** Resolves when all that was said so far is on disk. @throws StateNotWritten from then on */
  async flush(): Promise<void> {
    if (this.#broken) throw this.#broken;
    while (this.#waiting.length > 0 || this.#flushing) {
      this.#flushing ??= this.#flushOnce();
      await this.#flushing;
    }
  }

  async close(): Promise<void> {
    await this.flush().finally(() => this.#handle.close());
  }

  async #flushOnce(): Promise<void> {
    const lines = this.#waiting.splice(0).join("");
    try {
      await this.#handle.appendFile(lines);
      await this.#handle.datasync();
    } catch (error) {
      // A line that is missing would make those after it wrong.
      this.#broken ??= new StateNotWritten(this.#file, error);
      throw this.#broken;
    } finally {
      this.#flushing = undefined;
    }
  }

  #write(line: Head | Line): void {
    this.#waiting.push(`${JSON.stringify(line)}\n`);
  }

  #key(state: ResourceState): string {
    const known = this.#keys.get(state);
    if (known !== undefined) return known;
    const key = `n${this.#keys.size}`;
    this.#keys.set(state, key);
    return key;
  }
}
