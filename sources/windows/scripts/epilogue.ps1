# Stands around every script, %BODY% being the script.
try {
%BODY%
Say $true $r
} catch { Say $false (W $_) }
