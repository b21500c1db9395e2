// Streams as lists, and options after the streams.
const {Readable,PassThrough,Writable}=require('stream'); const {pipeline,finished}=require('stream/promises');
(async()=>{
 const ac=new AbortController(); const slow=new Readable({read(){}}); setTimeout(()=>ac.abort(),5);
 await pipeline(slow,new PassThrough(),new Writable({write(c,e,cb){cb()}}),{signal:ac.signal}).catch(e=>console.log(e.name,e.code));
 const w=new PassThrough(); await pipeline(Readable.from(['a','b']),w,{end:false}); w.end('c'); let s='';for await(const c of w)s+=c;console.log(s);
 console.log(await pipeline(Readable.from(['x','y']),async function*(src){for await(const c of src)yield String(c).toUpperCase()},async src=>{let t='';for await(const c of src)t+=c;return t}));
 console.log(await pipeline([Readable.from(['q']),async src=>{let t='';for await(const c of src)t+=c;return t}]));
 const p=new PassThrough();p.resume();p.end();await finished(p,{readable:false});console.log('fin');
})();
