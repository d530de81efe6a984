import { contract } from './contract.ts';

contract('iptables-nft');
