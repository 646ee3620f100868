from transactions.system import assert_exact, insert
def test_smoke(primary):
    insert(primary)
    insert(primary, table="app.t1_2026_02", date="2026-02-03Z")
    assert_exact(primary)
    primary.execute("call app.generate_transactions(1000, '2026-01-01', 5, 10, 7)")
    assert_exact(primary)
def test_sub(subscriber):
    insert(subscriber)
    assert_exact(subscriber)
