// What is not there yet can be looked for with instanceof.
for (const name of ['ReadableStream', 'WritableStream', 'TransformStream', 'Response', 'Request', 'Headers']) console.log(name, typeof globalThis[name], {} instanceof globalThis[name], Object.getOwnPropertyDescriptor(globalThis, name).enumerable);
