// Node's own Writable in place of winston's copy of it.
module.exports = require('node:stream').Writable;
