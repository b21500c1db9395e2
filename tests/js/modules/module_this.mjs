// A module has no this.
var a = (this && this.__x) || 'def';
try { this.x } catch (e) { console.log(e.message) }
try { this.x() } catch (e) { console.log(e.message) }
try { this['x'] } catch (e) { console.log(e.message) }
try { this() } catch (e) { console.log(e.message) }
try { this.x = 1 } catch (e) { console.log(e.message) }
const f = () => this?.x; console.log(a, f(), this?.y, typeof this, `${this}`);
