/** `rouse/testing`: virtual time, fake processes and the simulator, for those who write runtimes or look into a seed. */
export { VirtualClock } from '../clock/virtual.ts';
export { seededRandom } from '../clock/random.ts';
export { Coverage } from './coverage.ts';
export { FakeProber } from './fake-prober.ts';
export { FakeProcesses } from './fake-runtime.ts';
export { FakeStore } from './fake-store.ts';
export { simulate, simulateAll } from './simulate.ts';
export { World } from './world.ts';
