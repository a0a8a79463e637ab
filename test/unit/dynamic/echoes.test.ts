import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { dropEchoes } from "../../../dynamic/echoes.ts";

const AT = 'error serializing property "content": resource a.example.com-staging-address';

test.each<[string, unknown, boolean]>([
  [
    "the echo of a failed resource",
    new Error(`${AT} [scaleway:ipam/ip:Ip] failed to register`),
    false,
  ],
  ["a fault of the program", new Error("nothing known of the name"), true],
  ["what is no error", "failed to register", true],
])("%s is passed on: %s", (_, error, isPassedOn) => {
  const target = Object.assign(new EventEmitter(), { exitCode: undefined as number | undefined });
  const heard: unknown[] = [];
  target.on("unhandledRejection", (seen) => heard.push(seen));
  dropEchoes(target);
  target.emit("unhandledRejection", error, Promise.resolve());
  expect(heard).toEqual(isPassedOn ? [error] : []);
  // The program that ended well would have the engine delete what it did not come to.
  expect(target.exitCode).toBe(isPassedOn ? undefined : 32);
});
