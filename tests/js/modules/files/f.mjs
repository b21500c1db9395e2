export const f = 1; export default 2
