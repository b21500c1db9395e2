module.exports = { dual: require('dual'), legacy: require('legacy').here, sub: require('dual/sub/own') };
for (const name of ['dual/hidden', 'dual/none', 'missing', './missing.js']) {
  try { require(name); } catch (e) { console.log(name, e.code); }
}
