# Every target is one line of `python3 run`, which works without make.
.PHONY: run demo test proofs lint docs clients exports install preflight preflight-report test-connection wheel-check bench-scale bench-quality clean

run demo test proofs lint docs clients exports install preflight preflight-report test-connection wheel-check bench-scale bench-quality:
	@python3 run $(patsubst run,up,$@) $(ARGS)

clean:
	rm -rf .venv .tools .clients .clients3 .mlflow .quality
