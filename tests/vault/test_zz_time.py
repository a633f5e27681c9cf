import time
from gateway.vault.items import Item
async def test_t(gateway):
    await gateway.vault.keep_items("bank","app",{"w":Item(b"x")},3600)
    for n,m,size in ((1,10,2000),(250,2,200),(2000,2,200),(10000,1,80),(1,5000,1000000),(1,40000,1000000)):
        items={f"m{n}_{m}_{i}":Item(b"x"*size,frozenset(f"v{n}{m}{i}@x{j}.org" for j in range(m))) for i in range(n)}
        t=time.perf_counter()
        try:
            await gateway.vault.keep_items("bank","app",items,3600)
            e=""
        except Exception as x: e=repr(x)
        print(n,m,round(time.perf_counter()-t,3),e)
    assert 0
