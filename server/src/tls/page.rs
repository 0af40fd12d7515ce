//! The page that explains to people how to install the centre's authority, and how to see that it is the right one.

use super::authority::{DOWNLOAD_FILE, ServedName};
use crate::print::escape;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use sync_core::address::Pin;

const STYLE: &str = "\
@page{size:A4 portrait;margin:12mm 14mm}\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:60rem;padding:1.2rem 1.5rem;font:1rem/1.45 'DejaVu Sans',Arial,sans-serif;color:#000;background:#fff}\
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .6rem}\
h2{font-size:1.1rem;margin:1.4rem 0 .3rem;break-after:avoid}\
p{margin:.4rem 0}ol{margin:.3rem 0;padding-left:1.5rem}li{margin:.2rem 0}\
.en{color:#333}\
.print{border:2px solid #000;padding:.7rem 1rem;margin:.8rem 0;break-inside:avoid}\
.digits{font:bold 1.15rem/1.6 'DejaVu Sans Mono','Courier New',monospace;display:grid;\
grid-template-columns:repeat(8,max-content);gap:0 1.2rem}\
code{font:.9em 'DejaVu Sans Mono','Courier New',monospace;overflow-wrap:anywhere}\
.cmd{display:block;font-size:.82em;line-height:1.7;white-space:nowrap}\
.get{display:inline-block;border:2px solid #000;padding:.4rem .9rem;font-weight:bold;color:#000;text-decoration:none}\
section{break-inside:avoid}\
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem}\
@media screen and (max-width:48rem){.cmd{white-space:normal}.two{grid-template-columns:1fr}.digits{grid-template-columns:repeat(4,max-content)}}\
@media print{html{font-size:9pt}.get{display:none}body{padding:0;max-width:none;line-height:1.35}h2{margin-top:1rem}}";

/// A program or system with its steps, Vietnamese and English.
struct Steps {
    title: &'static str,
    vi: &'static [&'static str],
    en: &'static [&'static str],
}

const STEPS: [Steps; 3] = [
    Steps {
        title: "Windows (Edge, Chrome)",
        vi: &[
            "Mở cửa sổ lệnh (<code>cmd</code>) ở thư mục có tệp và gõ <code class=\"cmd\">certutil -hashfile \
             homphieu-authority.crt SHA256</code> So với khung trên.",
            "Bấm đúp vào tệp, chọn <b>Install Certificate…</b> (Cài đặt chứng chỉ).",
            "Chọn <b>Current User</b>, rồi <b>Place all certificates in the following store</b>, <b>Browse…</b>, \
             <b>Trusted Root Certification Authorities</b>.",
            "<b>Next</b>, <b>Finish</b>, <b>Yes</b>. Đóng hẳn trình duyệt rồi mở lại.",
        ],
        en: &[
            "Open a command window (<code>cmd</code>) in the file's folder and type <code class=\"cmd\">certutil -hashfile \
             homphieu-authority.crt SHA256</code> Compare with the frame above.",
            "Double-click the file, choose <b>Install Certificate…</b>",
            "Choose <b>Current User</b>, then <b>Place all certificates in the following store</b>, <b>Browse…</b>, \
             <b>Trusted Root Certification Authorities</b>.",
            "<b>Next</b>, <b>Finish</b>, <b>Yes</b>. Close the browser entirely and open it again.",
        ],
    },
    Steps {
        title: "Android (Chrome)",
        vi: &[
            "Chép tệp vào máy. Mở <b>Cài đặt</b>, tìm <b>Chứng chỉ CA</b> (Bảo mật › Mã hóa và thông tin xác thực › Cài đặt \
             chứng chỉ).",
            "Chọn <b>Vẫn cài đặt</b>, rồi chọn tệp.",
            "Vào <b>Thông tin xác thực tin cậy › Người dùng</b>, mở chứng thư Hòm Phiếu và so dãy <b>SHA-256</b> với khung trên. \
             Nếu khác, gỡ ngay.",
        ],
        en: &[
            "Copy the file to the device. Open <b>Settings</b>, search for <b>CA certificate</b> (Security › Encryption &amp; \
             credentials › Install a certificate).",
            "Choose <b>Install anyway</b>, then the file.",
            "Under <b>Trusted credentials › User</b> open the certificate of Hòm Phiếu and compare its <b>SHA-256</b> with the \
             frame above. If it differs, remove it at once.",
        ],
    },
    Steps {
        title: "Firefox",
        vi: &[
            "<b>Cài đặt › Riêng tư &amp; Bảo mật › Chứng chỉ › Xem chứng chỉ… › Nhà cung cấp › Nhập…</b>, chọn tệp.",
            "Bấm <b>Xem</b> và so dãy <b>SHA-256</b> với khung trên.",
            "Chỉ khi giống hệt mới đánh dấu <b>Tin tưởng CA này để nhận diện trang web</b>, rồi <b>OK</b>.",
        ],
        en: &[
            "<b>Settings › Privacy &amp; Security › Certificates › View Certificates… › Authorities › Import…</b>, choose the file.",
            "Press <b>View</b> and compare its <b>SHA-256</b> with the frame above.",
            "Only if they are equal tick <b>Trust this CA to identify websites</b>, then <b>OK</b>.",
        ],
    },
];

/// SHA-256 of a certificate, in groups of four digits as they are compared.
pub(super) fn fingerprint(certificate: &[u8]) -> Vec<String> {
    let digits: String = Sha256::digest(certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    digits.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect()
}

/// The page, for an authority's certificate in PEM and as DER.
pub(super) fn install_page(names: &[ServedName], pem: &str, der: &[u8], pin: &Pin) -> String {
    // The body of a PEM text is the certificate in base64 already.
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let mut page = String::from("<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">");
    page.push_str(
        "<meta name=\"viewport\" content=\"width=device-width\"><title>Hòm Phiếu – chứng thư</title>",
    );
    let digits: String = fingerprint(der).iter().map(|group| format!("<span>{group}</span>")).collect();
    // Where the centre listens under TLS if it is told nothing else; names of this machine for itself help nobody here.
    let outward = names.iter().filter(|name| !name.is_loopback());
    let names: Vec<_> = outward.map(|name| escape(&format!("https://{}:8443", name.host()))).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<style>{STYLE}</style></head><body>\
         <h1>Cài chứng thư của trung tâm Hòm Phiếu<br><span class=\"en\">Install the certificate of the Hòm Phiếu centre</span></h1>\
         <p>Làm một lần trên mỗi máy có người mở trang của trung tâm bằng trình duyệt{names}. Máy tính bảng bỏ phiếu không cần: \
         mã đăng ký đã mang theo khóa của trung tâm. Các chương trình gọi chứng thư là “chứng chỉ”.</p>\
         <p class=\"en\">Once on every machine on which people open the centre's pages in a browser. Voting tablets need nothing: \
         their enrolment token carries the centre's key.</p>\
         <div class=\"print\"><p><b>So từng nhóm với tờ giấy hoặc màn hình của trung tâm trước khi tin.</b> \
         <span class=\"en\">Compare every group with the centre's own screen or paper before you trust it. (SHA-256)</span></p>\
         <div class=\"digits\">{digits}</div></div>\
         <p><a class=\"get\" download=\"{DOWNLOAD_FILE}\" href=\"data:application/x-x509-ca-cert;base64,{base64}\">{DOWNLOAD_FILE}</a></p>\
         <p>Tệp <code>{DOWNLOAD_FILE}</code> nằm cạnh trang này. Nó không có gì bí mật; khóa <code>authority.key</code> thì không bao \
         giờ được đưa cho ai. <span class=\"en\">The file lies beside this page. Nothing in it is secret; the key \
         <code>authority.key</code> is never given to anybody.</span></p>"
    );
    for Steps { title, vi, en } in &STEPS {
        let list = |steps: &[&str]| steps.iter().map(|step| format!("<li>{step}</li>")).collect::<String>();
        let _ = write!(
            page,
            "<section><h2>{title}</h2><div class=\"two\"><ol>{}</ol><ol class=\"en\" lang=\"en\">{}</ol></div></section>",
            list(vi),
            list(en)
        );
    }
    let _ = writeln!(
        page,
        "<section><h2>Giới hạn · Limits</h2><p>Chứng thư này chỉ bảo đảm được cho địa chỉ của mạng nội bộ và của trung tâm, không \
         cho trang nào khác. <span class=\"en\">This authority can vouch for addresses of local networks and of the centre only, \
         for no other site.</span></p><p>Khóa ghim của máy tính bảng · Pin for tablets: <code>{pin}</code></p></section></body></html>"
    );
    page
}
