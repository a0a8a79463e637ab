/** A vendor's refusal, as a sentence. */
export class Refusal extends Error {
  /** Of HTTP. */
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}
