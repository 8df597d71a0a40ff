import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { LLMS_FILE, llmsText } from './llms';

describe('llms.txt', () => {
  it('is what the manual says now; if not, run npm run llms', () => {
    expect(readFileSync(LLMS_FILE, 'utf8')).to.equal(llmsText());
  });

  it('has a line with a summary for each page of the manual', () => {
    const lines = llmsText()
      .split('\n')
      .filter((line) => line.startsWith('- '));
    expect(lines.length).to.be.greaterThan(25);
    for (const line of lines) expect(line).to.match(/^- \[.+\]\(docs\/[a-z-]+\.md\): .{20,}/);
  });
});
