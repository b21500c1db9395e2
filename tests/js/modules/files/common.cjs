module.exports = { plain: 3, f() {} };
