# Những gì người giữ khóa và người kiểm tra lại đọc, không cần mạng.

name-package = gói của đợt
name-order = lệnh mở phiếu { $number }
name-order-before = lệnh trước
name-result-before = kết quả trước
name-digest = mã băm
name-end = dòng cuối
name-keys = khóa
name-result = kết quả
name-recount = kiểm lại

ceremony-begins = Đợt { $round }: có { $threshold } trong { $trustees } mảnh khóa thì mở được.
ceremony-only = Bây giờ chỉ người giữ khóa số { $index } được nhìn màn hình. Mảnh khóa này chỉ hiện một lần.
ceremony-enter-to-see = Nhấn Enter để xem.
ceremony-share = Mảnh khóa { $index } trong { $trustees } (cần { $threshold } mảnh để mở), phiên bản 1, đợt { $round }
ceremony-copy = Hãy chép tay ra giấy, hoặc quét vào máy in không có bộ nhớ.
ceremony-enter-when-copied = Nhấn Enter khi đã chép xong; màn hình sẽ xóa mảnh khóa.
ceremony-type-back = Gõ lại mảnh khóa { $index } từ giấy:
ceremony-on-paper = Mảnh khóa { $index } đã có trên giấy.
ceremony-done = Mọi mảnh khóa đã được đọc lại và mở được. Khóa công khai nằm trong { $path }.
ceremony-broken-off = lễ tạo khóa bị ngắt giữa chừng: chưa có khóa nào, và các mảnh đã chép không còn giá trị

shares-needed = Cần { $count } mảnh khóa. Hết thì nhấn Enter ở dòng trống.
shares-ask = Mảnh khóa:
shares-read = đã đọc mảnh khóa { $index }
shares-wrong = mảnh khóa { $index } sai, tuy các chữ kiểm tra vẫn khớp
shares-open = các mảnh khóa mở được đợt { $round }
shares-not-all-right = trong các mảnh khóa đã đưa có mảnh sai
shares-none = chưa đưa mảnh khóa nào: không kiểm phiếu lại

count-no-order = gói số liệu chưa có lệnh mở phiếu: hãy lập bằng `round order`
count-round = { $title }  (đợt { $round })
count-compare = Hãy so các chữ số này với điều đã thông báo và với giấy ghi mảnh khóa của mình. Nếu trên giấy đã ghi
    một lệnh khác mang số { $number } thì dừng lại: không ai được mở hai lệnh cùng một số.
count-type = Gõ `{ $word }` để tiếp tục:
count-word = mo phieu
count-not-opened = chưa mở gì cả
count-wrong = Mảnh khóa { $index } sai, tuy các chữ kiểm tra vẫn khớp; các mảnh khác đã mở được đợt.
count-bar = Kiểm phiếu từng đơn vị
count-totals = thu về { $collected } phiếu, hợp lệ { $valid }
count-note = Hãy ghi lệnh mở phiếu và kết quả lên từng giấy ghi mảnh khóa:
count-order = lệnh { $number } { $digest }
count-result = kết quả { $number } { $digest }

verify-bar = Kiểm phiếu lại từng đơn vị
verify-genuine = đúng nguồn: { $units } đơn vị, { $envelopes } bao phiếu với { $ballots } phiếu niêm phong, { $orders } lệnh mở phiếu
verify-after = { $count } bao phiếu đến sau lệnh cuối nên không được tính
verify-missing = đơn vị { $unit }: còn thiếu { $gap }
verify-undecided = đơn vị { $unit }: { $count } bao phiếu tạm giữ bị để lại mà không có quyết định của hai người
verify-unlisted = đơn vị { $unit }: { $count } máy tính bảng có chứng thư không nằm trong lệnh cuối; hãy hỏi vì sao
verify-records = hồ sơ đơn vị: { $changes } lần ghi, đúng như người ghi đã ký; mở { $papers } kết quả kiểm phiếu giấy
verify-twins = đơn vị { $unit }: { $count } máy ghi hai nội dung khác nhau dưới cùng một số trong hồ sơ; hãy hỏi vì sao
verify-papers-unopened = đơn vị { $unit }: { $count } kết quả kiểm phiếu giấy có trong hồ sơ nhưng không có trong lệnh cuối; hãy hỏi vì sao
verify-papers-undone = đơn vị { $unit }: { $count } kết quả kiểm phiếu giấy trong lệnh cuối không còn trong hồ sơ; hãy hỏi vì sao
verify-no-result = trong gói số liệu chưa có kết quả
verify-same = kiểm phiếu lại ra đúng kết quả đã ký
