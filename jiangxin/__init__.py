"""匠心: lifelong vocational training as a public service (浙人社发〔2022〕32号)."""
