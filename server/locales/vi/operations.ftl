# Thiết lập, mã kết thúc, khám máy, trang hướng dẫn.

config-file = Thiết lập lấy từ { $path }
config-no-file = Chưa có tệp thiết lập; các giá trị dưới đây lấy từ nơi khác.
config-right = Mọi thứ đều đúng.
config-source-flag = dòng lệnh
config-source-environment = biến môi trường { $name }
config-source-file = tệp, dòng { $line }
config-source-built-in = mặc định
config-problem = { $path }, dòng { $line }: { $what }
config-too-long = tệp dài hơn { $max } byte; tệp thiết lập phải ngắn
config-not-text = đây không phải văn bản UTF-8: hãy lưu tệp theo mã UTF-8
config-no-toml = không đọc được: { $what }
config-unknown-key = không có thiết lập `{ $key }`; chỉ có { $known }
config-bad-value = `{ $key }` không nhận giá trị này: { $why }
config-bad-variable = biến { $name } không nhận giá trị này: { $why }
config-data-dir-inside = tệp nằm trong thư mục của trung tâm không thể nói thư mục ấy ở đâu: hãy chỉ tệp bằng --config
config-want-boolean = hãy viết true hoặc false
config-want-one = hãy viết một giá trị, không phải danh sách
config-want-text = hãy viết chữ trong dấu nháy kép, số nguyên, hoặc true hay false
config-number-too-large = số quá lớn
config-example-head =
    Thiết lập của trung tâm. Bỏ dấu # đầu dòng để dùng thiết lập ở dòng đó.
    Dòng lệnh đứng trước biến môi trường, biến môi trường đứng trước tệp này, tệp này đứng trước mặc định.
    Đường dẫn tương đối tính từ thư mục chứa tệp này. `homphieu config check` cho biết giá trị đang dùng và chỗ sai.
value-possible = chỉ nhận một trong: { $value }
value-wrong = không đúng dạng

exit-done = xong
exit-failed = không làm được, hoặc phép kiểm tra thấy lỗi
exit-usage = dòng lệnh hoặc tệp thiết lập sai; chưa làm gì
exit-refused = có điều vướng mà người có trách nhiệm xử lý được; không có gì thay đổi
exit-unreachable = không tới được, hoặc không ghi được tệp, đĩa, địa chỉ hay cơ sở dữ liệu

man-written = { $count } trang nằm trong { $folder }

doctor-ok = tốt
doctor-warn = lưu ý
doctor-fail = HỎNG
doctor-faults = thấy { $count } chỗ hỏng
doctor-name-settings = thiết lập
doctor-name-folder = thư mục
doctor-name-secrets = tệp mật
doctor-name-writing = ghi đĩa
doctor-name-disk = chỗ trống
doctor-name-database = dữ liệu
doctor-name-backup = sao lưu
doctor-name-listen = địa chỉ
doctor-name-exposure = nghe lén
doctor-name-certificate = chứng thư
doctor-name-clock = đồng hồ
doctor-name-zone = múi giờ
doctor-name-files = tệp mở
doctor-name-core = bản kết xuất

doctor-settings-none = không có tệp; dùng dòng lệnh, biến môi trường và mặc định
doctor-settings-advice = hãy sửa trong tệp thiết lập; `homphieu config check` cho xem mọi thiết lập
doctor-folder-missing = chưa có { $path }
doctor-folder-missing-advice = lần chạy đầu sẽ tạo ra; nếu lẽ ra đã có trung tâm thì xem lại --data-dir
doctor-folder-no-folder = hãy chỉ thư mục khác bằng --data-dir, hoặc cho người dùng của trung tâm quyền vào thư mục này
doctor-folder-open = người khác xem được: chmod 700 { $path }
doctor-folder-other-owner = thư mục của người dùng số { $owner }: hãy chạy homphieu bằng người dùng ấy, nếu không sẽ sinh ra tệp mà trung tâm không ghi được
doctor-secrets-none-yet = lần chạy đầu sẽ tạo khóa của trung tâm
doctor-secrets-key-lost = mất khóa của trung tâm (centre.key), trong khi cơ sở dữ liệu vẫn còn
doctor-secrets-key-lost-advice = hãy phục hồi khóa từ bản sao lưu; trước đó đừng chạy gì, nếu không sẽ sinh khóa mới mà không máy tính bảng nào biết
doctor-secrets-closed = chỉ chủ sở hữu đọc được
doctor-secrets-open = người khác đọc được { $paths }
doctor-secrets-open-advice = chmod 600 { $paths }
doctor-writing-works = ghi được vào thư mục
doctor-writing-advice = hãy cho người dùng của trung tâm quyền ghi, dọn chỗ trống, hoặc kiểm tra đĩa
doctor-disk-free = còn trống { $free } MiB
doctor-disk-entries = chỉ còn chứa được { $entries } tệp nữa
doctor-disk-advice = hãy dọn chỗ trống: trang về đĩa đầy nói được xóa gì
doctor-database-none-yet = lần chạy đầu sẽ tạo ra
doctor-database-whole = nguyên vẹn và đúng phiên bản
doctor-database-advice = hãy dừng trung tâm, giữ một bản chép nguyên thư mục, rồi phục hồi từ bản sao lưu
doctor-database-server-advice = hãy xem máy chủ cơ sở dữ liệu có chạy không, và `database-url` có ghi đúng địa chỉ, người dùng và tên không
doctor-database-newer = do phiên bản mới hơn ghi (bước { $numbers })
doctor-database-newer-advice = hãy cài phiên bản mới hơn; muốn lùi lại phải dùng bản sao lưu trước khi nâng cấp
doctor-database-older = còn phải qua các bước { $numbers }
doctor-database-older-advice = hãy sao lưu; lần chạy tới sẽ tự nâng cơ sở dữ liệu
doctor-backup-none = chưa có bản sao lưu nào được kiểm tra
doctor-backup-taken = bản mới nhất làm lúc { $when }
doctor-backup-advice = homphieu backup --to THƯ-MỤC --recipient age1…, hoặc để `serve` tự làm: --backup-to
doctor-listen-wrong = địa chỉ phục vụ không có dạng 127.0.0.1:8080
doctor-listen-free = { $address } còn trống
doctor-listen-taken = đã có chương trình dùng { $address }
doctor-listen-taken-advice = đúng, nếu đó chính là trung tâm đang chạy; nếu không hãy chọn cổng khác bằng --listen
doctor-listen-low-port = cổng dưới 1024 không dành cho người dùng thường: hãy chọn cổng cao hơn
doctor-listen-not-here = máy này không có địa chỉ ấy: hãy xem `ip address`
doctor-exposure-loopback = chỉ máy này vào được trung tâm
doctor-exposure-tls = có TLS
doctor-exposure-proxy = HTTP không mã hóa, vì có proxy làm TLS
doctor-exposure-proxy-advice = hãy bảo đảm ngoài proxy không ai vào được địa chỉ này
doctor-exposure-plain = HTTP không mã hóa cho cả mạng: ai trong mạng cũng đọc được họ tên
doctor-exposure-plain-advice = hãy phục vụ ở 127.0.0.1 sau một proxy làm TLS, hoặc cấp chứng thư cho trung tâm
doctor-certificate-good = dùng được đến { $day }
doctor-certificate-ended = đã hết hạn ngày { $day }: trình duyệt không nhận nữa, máy tính bảng có mã ghim vẫn chạy
doctor-certificate-not-yet = phải từ { $day } mới dùng được
doctor-certificate-not-yet-advice = hãy chỉnh đồng hồ của máy này; nếu đồng hồ đúng, hãy làm chứng thư mới
doctor-certificate-own-advice = trung tâm đang chạy sẽ tự gia hạn; làm tay: homphieu tls renew
doctor-certificate-others-advice = hãy xin người cấp chứng thư một bản mới; trung tâm tự nhận, không cần khởi động lại
doctor-certificate-unusable-advice = hãy thay bằng một cặp dùng được, hoặc tự làm: homphieu tls init
doctor-clock-plausible = { $now } (UTC)
doctor-clock-old = { $now } (UTC) là trước ngày viết ra chương trình này
doctor-clock-behind = { $now } (UTC) chậm hơn cả các tệp của trung tâm
doctor-clock-advice = hãy chỉnh đồng hồ; phiếu không phụ thuộc giờ, nhưng mã đăng nhập, chứng thư và biên bản thì có
doctor-zone-unknown = không rõ
doctor-zone-advice = người đọc cần giờ địa phương: timedatectl set-timezone Asia/Ho_Chi_Minh
doctor-files-most = nhiều nhất { $most }
doctor-files-advice = hãy cho mở nhiều tệp hơn: LimitNOFILE=65536 trong tệp systemd, hoặc ulimit -n
doctor-core-off = tắt
doctor-core-on = khi chương trình sập, khóa của trung tâm có thể bị ghi ra đĩa
doctor-core-advice = hãy tắt: LimitCORE=0 trong tệp systemd, hoặc ulimit -c 0

serve-restored = Trung tâm này được phục hồi từ bản sao lưu lúc { $taken }. Còn { $count } máy tính bảng chưa liên lạc từ đó; `homphieu round status` cho biết máy nào.
serve-plain-refused = Không phục vụ HTTP không mã hóa ở { $address }, vì cả mạng đọc được hết: hãy tạo chứng thư bằng `homphieu tls init --address ĐỊA-CHỈ`, hoặc cấp chứng thư bằng --tls-cert và --tls-key, hoặc ghi --behind-proxy nếu có proxy làm TLS
serve-tls-both = Hãy ghi cả --tls-cert lẫn --tls-key, hoặc không ghi cái nào
serve-tls-or-proxy = Hoặc trung tâm làm TLS (--tls-cert), hoặc proxy đứng trước làm (--behind-proxy)
tls-addresses = địa chỉ
tls-good-until = dùng đến
tls-fingerprint = dấu vân tay
tls-pin = khóa ghim
tls-page = trang hướng dẫn
tls-authority = cơ quan
tls-server = máy chủ
tls-made-advice = Hãy in trang hướng dẫn, hoặc chép nó cùng tệp của cơ quan chứng thực sang các máy dùng trình duyệt. Máy tính bảng không cần.
tls-key-advice = Giữ kín authority.key và đưa nó vào bản sao lưu: mất nó thì mọi thiết bị phải làm lại từ đầu.
