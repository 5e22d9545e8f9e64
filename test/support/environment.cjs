/**
 * Jest's environment for Node, in a plain context. Its own puts a proxy in front of the globals, by which every `Map` or
 * `Math` that a test or the product names is asked for: ten times as dear as where it is at hand.
 */
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

const { createContext } = vm;

module.exports = class PlainEnvironment extends TestEnvironment {
  constructor(...given) {
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...given);
    } finally {
      vm.createContext = createContext;
    }
  }
};
