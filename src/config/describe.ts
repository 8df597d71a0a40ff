/**
 * Describes a wrong value in a message without leaking it. The user information of a URL is blotted out, and the contents
 * of objects and arrays are never shown.
 */
const LONGEST = 60;

export function describe(value: unknown): string {
  if (typeof value === 'string') return describeText(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

function describeText(text: string): string {
  // Greedy up to the last '@': a password may hold '@' and '/' itself.
  const shown = text.replace(/\/\/[\s\S]*@/, '//***@');
  return JSON.stringify(shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown);
}
