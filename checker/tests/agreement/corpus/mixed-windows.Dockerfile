# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command"]
RUN Write-Host 'a' | `
    Out-File c:\x.txt
WORKDIR c:\app
CMD ["cmd"]
