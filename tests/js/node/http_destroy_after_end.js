// What has gone out when the program destroys the socket, the request or the response: finished answers, and what was written a turn before.
'use strict';
const http=require('http');
const acts={
 '/end': (q,r)=>{r.end('bye'); q.socket.destroy();},
 '/enddestroy': (q,r)=>{r.end('bye'); r.destroy();},
 '/reqdestroy': (q,r)=>{r.end('bye'); q.destroy();},
 '/write': (q,r)=>{r.write('bye'); q.socket.destroy();},
 '/writetick': (q,r)=>{r.write('bye'); process.nextTick(()=>q.socket.destroy());},
 '/writeimm': (q,r)=>{r.write('bye'); setImmediate(()=>q.socket.destroy());},
 '/late': (q,r)=>{setTimeout(()=>{r.end('bye'); q.socket.destroy();},5)},
 '/413': (q,r)=>{r.writeHead(413,{Connection:'close'}); r.end('too large'); q.destroy();},
 '/flush': (q,r)=>{r.flushHeaders(); q.socket.destroy();},
 '/nothing': (q,r)=>{q.socket.destroy();},
 '/big': (q,r)=>{r.end(Buffer.alloc(50000,'x')); q.socket.destroy();},
};
const s=http.createServer((q,r)=>acts[q.url](q,r)).listen(0,async()=>{
 for (const u of Object.keys(acts)) for (const method of ['GET','POST']) await new Promise(f=>{
   const rq=http.request({port:s.address().port,path:u,method,agent:false},(res)=>{ let n=0; res.on('data',d=>n+=d.length).on('error',e=>console.log(u,method,'res',e.message,n)).on('end',()=>console.log(u,method,'end',n)).on('close',f)}).on('error',e=>{console.log(u,method,'req',e.message);f()}); rq.end(method=='POST'?'body':undefined);
 }); s.close(more); });
function more() {
  // An empty list of headers is a list: there is no Host either.
  http.createServer(() => {}).listen(0, function() {
    http.get({ port: this.address().port, headers: [] }, (res) => {
      console.log(res.statusCode, res.headers.connection);
      res.resume();
      this.close(late);
    });
  });
}
function late() {
  // A response that ends when its connection is gone: 'close', no 'finish'.
  http.createServer(function(req, res) {
    const log = [];
    res.on('finish', () => log.push('finish')).on('close', () => log.push('close'));
    req.socket.on('close', () => setImmediate(() => {
      res.end('late');
      setImmediate(() => { console.log(log, res.writable); this.close(); });
    }));
  }).listen(0, function() {
    const req = http.get({ port: this.address().port }).on('error', () => {});
    setTimeout(() => req.destroy(), 50);
  });
}
