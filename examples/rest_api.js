// Notes over HTTP and JSON: GET, POST /notes; GET, PUT, DELETE /notes/1. Kept in memory.
'use strict';
const http = require('http');
const { json } = require('stream/consumers');

const notes = new Map();
let last = 0;

const routes = {
  'GET /notes': () => [200, [...notes.values()]],
  'POST /notes': async (req) => {
    const note = { id: ++last, text: text(await json(req)) };
    notes.set(note.id, note);
    return [201, note, { Location: `/notes/${note.id}` }];
  },
  'GET /notes/:id': (req, id) => [200, known(id)],
  'PUT /notes/:id': async (req, id) => [200, Object.assign(known(id), { text: text(await json(req)) })],
  'DELETE /notes/:id': (req, id) => { known(id); notes.delete(id); return [204]; },
};

class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}
function known(id) {
  const note = notes.get(id);
  if (!note) throw new Refused(404, 'no such note');
  return note;
}
function text(body) {
  if (typeof body?.text !== 'string') throw new Refused(400, '"text" must be a string');
  return body.text;
}

const server = http.createServer(async (req, res) => {
  const [, path, id] = /^(\/notes)(?:\/(\d+))?$/.exec(req.url) ?? [];
  const route = path && routes[`${req.method} ${path}${id ? '/:id' : ''}`];
  let answer;
  try {
    answer = route ? await route(req, Number(id)) : [404, { error: 'not found' }];
  } catch (err) {
    answer = [err.status ?? (err instanceof SyntaxError ? 400 : 500), { error: err.message }];
  }
  const [status, body, headers] = answer;
  const bytes = body === undefined ? '' : JSON.stringify(body);
  res.writeHead(status, { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) });
  res.end(bytes);
});
server.listen(process.env.PORT ?? 8000, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}/notes`));
