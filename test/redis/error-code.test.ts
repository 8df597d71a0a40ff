import { expect } from 'chai';
import { errorCode, isPassing } from '../../src/redis/error-code';

const IN_SCRIPT = 'ERR Error running script (call to f_0123abcd): @user_script:3: @user_script: 3: ';

describe('the code of an error reply', () => {
  for (const [message, code] of [
    ["READONLY You can't write against a read only replica.", 'READONLY'],
    [`${IN_SCRIPT}-READONLY You can't write against a read only replica. `, 'READONLY'],
    [`${IN_SCRIPT}-OOM command not allowed when used memory > 'maxmemory'. `, 'OOM'],
    [
      'ERR Error running script (call to f_0): @user_script:1: WRONGTYPE Operation against a key',
      'WRONGTYPE',
    ],
    ["READONLY You can't write against a read only replica. script: 0123, on @user_script:3.", 'READONLY'],
    ['ERR unknown command', 'ERR'],
    ['MOVED 3999 127.0.0.1:6381', 'MOVED'],
    ['', ''],
  ] as const) {
    it(`P36: of "${message.slice(0, 70)}" is ${code || 'unknown'}`, () => {
      expect(errorCode(new Error(message))).to.equal(code);
    });
  }

  it('P36: a demoted master is left although Redis 6 wraps its READONLY in the error of a script', () => {
    expect(
      isPassing(new Error(`${IN_SCRIPT}-READONLY You can't write against a read only replica.`)),
    ).to.equal(true);
    expect(isPassing(new Error(`${IN_SCRIPT}NOPERM`))).to.equal(false);
  });
});
