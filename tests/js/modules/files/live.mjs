export let count = 1; export function inc() { count++ } export default class K {} export * from './f.mjs'
