/** Milliseconds on the clock of the machine, which its processes share: moments in two of them can be compared. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
