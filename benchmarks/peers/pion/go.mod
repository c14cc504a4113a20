module crossover/benchmarks/peers/pion

go 1.17
