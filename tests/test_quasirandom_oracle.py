"""Sobol sequences are PyTorch's, number for number."""


def test_points_are_those_of_pytorch(agree):
    @agree
    def session(T, error):
        SobolEngine = T.quasirandom.SobolEngine
        many = SobolEngine(1111)
        yield many.sobolstate.sum(1).tolist(), many.draw(70)[65:].tolist(), many
        engine = SobolEngine(5, scramble=True, seed=3)
        yield engine.draw(1), engine.draw(7), engine.draw(2, dtype=T.float64), engine, engine.num_generated
        yield engine.reset().fast_forward(4).draw(3), engine.fast_forward(5).draw(2), engine.quasi, engine.shift
        T.manual_seed(4)
        engine = SobolEngine(3, True)
        out = T.empty(2, 3)
        yield engine.draw_base2(3), engine.draw_base2(3), engine.draw(2, out=out), out, T.rand(2)
        yield error(lambda: SobolEngine(0)), error(lambda: SobolEngine(2).fast_forward(3).draw_base2(2))
