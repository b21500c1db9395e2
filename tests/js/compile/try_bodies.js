// The body of a try that needs nothing of its function but values that stay as they are is made once.
function parse(text, reviver) {
  try {
    return JSON.parse(text, reviver);
  } catch (e) {
    return null;
  }
}
function count(list) {
  let n = 0;
  try {
    for (const x of list) n++;
  } finally {
    console.log(n, arguments.length);
  }
}
function first(fallback) {
  return arguments.length > 1 ? arguments[1] : fallback;
}
