import type { Customer } from "./ground.ts";

/** What the authority has done for this customer, from now on. */
export function countSpent({ acme, asks }: Customer) {
  const spent = { orders: 0, certificates: 0 };
  const stop = acme.intercept((request) => {
    const { status = 0 } = request.answer ?? {};
    if (status >= 300 || !asks(request)) return undefined;
    if (request.path.startsWith("/order-plz")) spent.orders++;
    if (request.path.startsWith("/finalize-order/")) spent.certificates++;
    return undefined;
  }, "done");
  return {
    stop() {
      stop();
      return spent;
    },
  };
}
