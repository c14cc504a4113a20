// Runs in a page that is in a room: says something so often, and counts what the others say.
(() => {
  const TOPIC = 'benchmark';
  const { data } = window.crossover;
  const whoever = crypto.randomUUID();
  const heard = {};
  let sent = 0;
  let timer = null;

  data.subscribe(TOPIC, ({ payload: { who, number } }) => {
    const one = (heard[who] ??= { first: number, next: number, missing: [], doubled: 0, late: 0 });
    if (number === one.next) {
      one.next += 1;
    } else if (number > one.next) {
      for (let lost = one.next; lost < number; lost += 1) one.missing.push(lost);
      one.next = number + 1;
    } else if (one.missing.includes(number)) {
      one.missing.splice(one.missing.indexOf(number), 1);
      one.late += 1;
    } else {
      one.doubled += 1;
    }
  });

  window.__traffic = {
    heard,
    begin(perSecond) {
      const begun = performance.now() - (1000 * sent) / perSecond;
      timer = setInterval(() => {
        const due = Math.floor(((performance.now() - begun) * perSecond) / 1000);
        while (sent < due) data.publish(TOPIC, { who: whoever, number: sent++ });
      }, 10);
    },
    end() {
      clearInterval(timer);
      return { who: whoever, sent };
    },
  };
})();
