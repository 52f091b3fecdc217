# bash completion of basalt: the program makes it from its own tables. Source it, or install it as
# bash-completion/completions/basalt.
eval "$(basalt --completion bash)"
