from tests.store.databases import *
from tests.assurance.kept import House
from contextlib import closing
import time
from gateway.audit.entry_table import EntryTable
from gateway.audit.checkpointer import sign as signed
from gateway.audit.enter import entered
from gateway.audit.act import Action, new_act
from gateway.audit.log import Entry, Phase
from gateway.assurance.evidence.case import read_case
from gateway.assurance.evidence.explanation import explanation
from gateway.assurance.evidence.rendering import markdown
from gateway.cli.assurance_output import catalogue, Tongue
from tests.assurance.evidence.drawn_from import exchange
from gateway.cli import _cli
from typer.testing import CliRunner
def test_it(database, database_url, tmp_path, monkeypatch):
    h=House(database,tmp_path); h.keep("call_1","<PERSON_1> x",{"<PERSON_1>":"Anna"}); 
    with closing(EntryTable(database)) as table:
        for a in range(0,2000,500):
            table.write([Entry(call_id=f"c_{i}", phase=Phase.COMPLETED, at="2026-11-02T10:00:00.000Z", body=exchange(f"c_{i}",opened_at="2026-11-02T10:00:00.000Z").to_json()) for i in range(a,a+500)])
        with entered(database,new_act(Action.RETENTION_RUN,actor="x",tenant=None,target=None)): pass
        with entered(database,new_act(Action.SUBJECT_ERASE,actor="x%_y",tenant="bank",target="call_1")): pass
        signed(table,h.signing)
    for c in ("call_1","c_7","c_1999"):
        t=time.process_time(); case=read_case(database,c); m=markdown(explanation(case,names=True),catalogue(Tongue.ENGLISH)); print(c,time.process_time()-t, [l for l in m.splitlines() if "root" in l or "retention" in l or "subject" in l])
    assert read_case(database,"%") is None and read_case(database,"c_") is None and read_case(database, "x\0y" ) is None
