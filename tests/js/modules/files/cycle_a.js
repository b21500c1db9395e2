exports.before = true;
exports.b = require('./cycle_b').seen;
exports.after = true;
