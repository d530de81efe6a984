// Node's own streams in place of winston's copy of them.
module.exports = require('node:stream');
