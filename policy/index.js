// Pulumi runs a policy pack under a ts-node of its own, which knows nothing of this TypeScript, whatever
// PulumiPolicy.yaml says. It minds only what is required: Node itself strips the types of what a module imports.
import "./pack.ts";
