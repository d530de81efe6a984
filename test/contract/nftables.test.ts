import { contract } from './contract.ts';

contract('nftables');
