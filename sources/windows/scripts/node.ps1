# Who the node is, and its clock; needs no cluster. The UUID is that of the BIOS, by which vCenter
# knows the VM; WMI may be closed to the account, then the registry has it from 2012 on.
$os = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$id = $null
try { $id = (Get-WmiObject Win32_ComputerSystemProduct).UUID } catch {
    try { $id = (Get-ItemProperty 'HKLM:\SYSTEM\HardwareConfig').LastConfig } catch { $id = $null }
}
$net = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
$r = @{
    name = $env:COMPUTERNAME; domain = $net.DomainName; uuid = $id
    os = $os.ProductName; version = [string][Environment]::OSVersion.Version
}
$now = [DateTime]::UtcNow
$r.offset_minutes = [long][TimeZone]::CurrentTimeZone.GetUtcOffset($now.ToLocalTime()).TotalMinutes
$r.utc = $now.ToString('o')
