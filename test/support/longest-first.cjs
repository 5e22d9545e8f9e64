/**
 * What takes longest begins first, so that none of it is left to run alone at the end: every page, then whole hubs. What is
 * counted block by block begins in a process that has loaded nothing yet: in one that has, it takes five times as long.
 */
const Sequencer = require('@jest/test-sequencer').default;

const long = [/growing/, /every-page/, /hostile/, /test\/desk\./, /test\/browser\//, /^(?:.*\/)?test\/[^/]+$/];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = long.findIndex((one) => one.test(path));
      return place < 0 ? long.length : place;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
