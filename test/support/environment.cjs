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

/**
 * Every test file reads the product and its packages anew. By `compileFunction`, as Jest does it, each is parsed and
 * compiled anew, too; a script is compiled once in a process, where nobody is to be called for its `import()`: Jest
 * could do nothing there either.
 */
const { compileFunction } = vm;
vm.compileFunction = (source, names, options = {}) => {
  const { parsingContext, filename } = options;
  if (!parsingContext || !filename) return compileFunction(source, names, options);
  const before = `(function (${names.join()}) {`;
  const script = new vm.Script(`${before}${source}\n})`, { filename, columnOffset: -before.length });
  return script.runInContext(parsingContext);
};
