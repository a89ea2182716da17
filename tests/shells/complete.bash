# What bash offers at the end of a command line. Usage: complete.bash COMPLETION LINE
source "$1"
read -ra COMP_WORDS <<<"${2//=/ = }" # as bash splits a line
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; } # bash knows it only while it completes
function=$(complete -p ganime-bench)
function=${function#*-F }
"${function%% *}"
printf '%s\n' "${COMPREPLY[@]}"
