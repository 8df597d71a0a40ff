/** The clock of the testing kit, where tests look for it. */
export { ManualClock } from '../../src/testing/manual-clock';
