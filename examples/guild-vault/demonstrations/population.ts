/** The users, guilds and wallets of all demonstrations. */
export const ALICE = '12345';
export const BOB = '12346';
export const CAROL = '12347';
export const MEMBERS = [ALICE, BOB, CAROL, '12348', '12349'];
export const GUILD = '67890';
export const OTHER_GUILD = '67891';
/** As a block explorer shows it; the node and the cache take it in small letters. */
export const WALLET = '0xABCDef0123456789aBcDeF0123456789abCdEf01';
export const OTHER_WALLET = '0x00000000000000000000000000000000000000ff';
