// Express: `npm install` here, then `lunode app.js`.
'use strict';
const express = require('express');

const app = express();
app.use(express.json());
app.get('/', (req, res) => res.send('Hello from Express\n'));
app.get('/greet/:name', (req, res) => res.json({ greeting: `Hello, ${req.params.name}` }));
app.post('/sum', (req, res) => res.json({ sum: req.body.numbers.reduce((a, b) => a + b, 0) }));

const server = app.listen(process.env.PORT ?? 8000, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}/`));
