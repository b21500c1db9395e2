// Header names that read as numbers, from and to objects: JavaScript's index keys come first, in order.
'use strict';
const http=require('http');
const cases={
 '/1': (r)=>r.writeHead(200,{404:'x',2:'y',a:'b'}),
 '/2': (r)=>{r.setHeader('404','x'); r.setHeader('5','z');},
 '/3': (r)=> r.writeHead(200,['404','x','7','y']),
 '/4': (r)=>{r.setHeader('a','b'); r.writeHead(200,{404:'x'}); },
 '/5': (r)=>{r.writeHead(200,{1:'x',2:'y',3:'z'}); },
 '/6': (r)=>{r.writeHead(200,{0:'x',1:['y', 'z']}); },
 '/8': (r,q)=>console.log(q.rawHeaders,q.headers, q.headersDistinct),
 '/9': (r,q)=>{r.writeHead(200, {0:['a','b']});},
 '/10': (r,q)=>{r.writeHead(200, [['0', 'b'],['7', 'u']]);},
};
const s=http.createServer((q,r)=>{ 
 try { if(q.url in cases) cases[q.url](r,q);
  r.write('a'); if(q.url=='/7') r.addTrailers({404:'tr'});
  r.end(); } catch(e) {console.log(e.message);r.socket.destroy()} });
s.listen(0,async()=>{
 for(let i=1;i<11;i++) await new Promise(f=>{
  const o={port:s.address().port,path:'/'+i,agent:false}; if(i==8) o.headers={404:'cl',0:'k',host:'h'};
  const rq=http.get(o,(r)=>{console.log(i,r.rawHeaders.slice(0,-6),r.headers['404'],r.headers[404], Object.keys(r.headers));r.resume();r.on('end',()=>{console.log(r.trailers,r.rawTrailers);f()})}).on('error',e=>{console.log(i,e.message);f()});
  if(i==8) console.log(rq.getHeaders(), rq.getHeaderNames(), rq.getHeader('404'), rq.hasHeader('0'));
 });
 s.close();
});
http.createServer(function(q, r) {
  r.writeEarlyHints({ link: '</a.css>; rel=preload', z: '1', 5: 'x', b: '2' });
  r.end();
  this.close();
}).listen(0, function() {
  http.get({ port: this.address().port }, (r) => r.resume()).on('information', (i) => console.log(i.rawHeaders, i.headers));
});
