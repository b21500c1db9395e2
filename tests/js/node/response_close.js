// Listeners of data that a client socket has: none when the answer is over.
const http=require('http');
const srv=http.createServer((q,r)=>{ r.writeHead(200,{a:1});r.end('{"a":1}')});
let left=3;
srv.listen(0,()=>{ for (const [agent,h] of [[undefined,{}],[false,{}],[undefined,{connection:'close'}]]) { 
 const req=http.get({port:srv.address().port,agent,headers:h},res=>{ let sock=req.socket; console.log("resp", sock.listenerCount('data'));res.on('data',()=>console.log('data',sock.listenerCount('data'))).on('end',()=>{console.log('end',sock.listenerCount('data'))});res.once('close',()=>{ console.log('close', sock.listenerCount('data')); if (--left===0) srv.close();});}); } });
