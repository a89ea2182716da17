# What zsh offers at the end of a command line. Usage: complete.zsh FOLDER LINE; FOLDER holds _ganime-bench.
# Zsh completes at a terminal only, so it is given one; what it would show is caught where it is handed over.
zmodload zsh/zpty
rm -f $1/offered
zpty shell zsh -f -i
# The prompt says that the line editor listens; its quotes keep it from being seen in the echo of this.
zpty -w shell "stty -echo; bindkey -e; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=10000
compadd() { local -a found; builtin compadd -O found \"\$@\" 2>/dev/null; print -rl -u3 -- \$found; builtin compadd \"\$@\"; }
exec 3>$1/offered; PROMPT='rea''dy>'"
zpty -r shell line '*ready>*'
zpty -w shell "$2"$'\t\C-uprint -u3 "that is all"'
for i in {1..200}; do grep -q '^that is all$' $1/offered && break; sleep 0.05; done
zpty -d shell
sed '/^that is all$/d' $1/offered
