function find(list, wanted) {
  for (let i = 0; i < list.length; i++) {
    if (list[i] === wanted) return i;
  }
  return -1;
}

function kind(n) {
  switch (typeof n) {
    case 'number':
    case 'bigint':
      return 'numeric';
    default:
      return 'other';
  }
}

function tryAll(jobs) {
  let failed = 0;
  for (let i = 0; i < 10; i++) {
    try {
      jobs[i]();
    } catch (error) {
      failed++;
      if (failed > 3) break;
    } finally {
      console.log(i);
    }
  }
  return failed;
}
